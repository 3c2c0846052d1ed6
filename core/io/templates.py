"""Jinja2 templates that stand beside the module which fills them in."""

from pathlib import Path

import jinja2


def template(path: Path, *, trim: bool = True, strip: bool = True) -> jinja2.Template:
    """Return the template in this file; what it is not given raises jinja2.UndefinedError.

    In a .html.jinja all that is filled in is escaped; another keeps its last newline. trim: the newline behind
    a block is left out, strip: the blanks before one.
    """
    is_page = path.name.endswith(".html.jinja")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        undefined=jinja2.StrictUndefined,
        autoescape=is_page,
        trim_blocks=trim,
        lstrip_blocks=strip,
        keep_trailing_newline=not is_page,
    ).get_template(path.name)
