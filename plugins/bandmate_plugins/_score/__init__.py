"""Scores: the music of a timeline in bars and note values, written as ABC or MusicXML, and read from both."""
