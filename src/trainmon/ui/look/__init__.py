"""How the screen looks: themes and their colours, and glyphs that a terminal can show."""
