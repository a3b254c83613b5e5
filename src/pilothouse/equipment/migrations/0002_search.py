"""The index a search reads: trigrams of `search`, by FTS5 on SQLite and by pg_trgm on PostgreSQL."""

from __future__ import annotations

from django.db import migrations

SQLITE = "CREATE VIRTUAL TABLE equipment_search USING fts5(search, content='equipment_equipment', content_rowid='id', tokenize='trigram')"
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX equipment_search ON equipment_equipment USING gin (search gin_trgm_ops)",
)


def forwards(apps, schema_editor):
    for sql in (SQLITE,) if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(sql)


def backwards(apps, schema_editor):
    kind = "TABLE" if schema_editor.connection.vendor == "sqlite" else "INDEX"
    schema_editor.execute(f"DROP {kind} equipment_search")


class Migration(migrations.Migration):
    dependencies = [("equipment", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
