"""The export for cron: `python -m analytics_pipelines.product_export [TABLE…]`; plain lines, and an exit status."""

import sys

from analytics_pipelines.product_export.command import main

if __name__ == "__main__":
    sys.exit(main())
