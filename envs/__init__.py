"""The built-in environments: one file each, and a catalogue that imports none of them."""
