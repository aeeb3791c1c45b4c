"""Songs as ACE-Step's programs ask for them: from their fields to the jobs that make the music.

Shared by the APIs of those programs, which differ in their routes and their answers.
"""
