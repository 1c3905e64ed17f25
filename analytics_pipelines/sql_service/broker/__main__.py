"""`python -m analytics_pipelines.sql_service.broker`: the broker until it is told to end."""

from analytics_pipelines.foundation.settings import load
from analytics_pipelines.sql_service.broker.server import run


def main() -> None:
    """Serve with the settings of the environment."""
    run(load())


if __name__ == "__main__":
    main()
