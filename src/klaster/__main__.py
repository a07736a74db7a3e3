"""``python -m klaster``: the command line."""

from klaster.cli import main

raise SystemExit(main())
