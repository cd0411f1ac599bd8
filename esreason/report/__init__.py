"""Pure rendering: data in, rich renderables, plots and pages out."""
