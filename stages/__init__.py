"""The pipeline's stages, one module each, and the modules that two or more of them share."""
