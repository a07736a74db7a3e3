"""``python -m klaster``: the command line."""

from klaster.cli.main import main

raise SystemExit(main())
