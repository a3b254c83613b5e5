"""The people of the demo hospitals, what they are entitled to, what their units need, and the holes between."""
