"""Taking over what an installation of ACE-Step 1.5 has: models where they are, settings, requests.

Nothing there is changed.
"""
