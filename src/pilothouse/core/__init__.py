"""What all pages and reports share: the look, its templates and fonts."""
