"""The command line: `python -m core COMMAND`, and `digit-lab COMMAND` where the project is installed."""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 1 where something failed; 130 after Ctrl C."""
    try:
        # A second or two, in which Ctrl C may come as well.
        from core.commands import command_line  # noqa: PLC0415

        return command_line.run(arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
