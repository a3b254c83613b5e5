"""The edges of the room: its lists with their fields and checks; xAPI statements and Open Badges as evidence."""
