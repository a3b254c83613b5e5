"""What the field knows about equipment: its fields, makers, models, serials and other identifiers."""
