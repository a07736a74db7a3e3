"""The steps of the main job."""
