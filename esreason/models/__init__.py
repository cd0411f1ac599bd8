"""The bundled small model, the recipe that made it, and models fetched for tests."""
