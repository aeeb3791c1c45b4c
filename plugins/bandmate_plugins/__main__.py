"""`python -m bandmate_plugins` is `bandmate`."""

from bandmate_plugins.cli import main

if __name__ == "__main__":
    main()
