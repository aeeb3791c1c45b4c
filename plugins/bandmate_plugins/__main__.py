"""`python -m bandmate_plugins` is `bandmate`."""

from bandmate_plugins._app.root import main

if __name__ == "__main__":
    main()
