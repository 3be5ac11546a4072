"""The demo: a static folder with a page, the models and the library that runs them in the browser."""
