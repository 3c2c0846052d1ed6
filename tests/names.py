"""Names that would act where they are not shown letter by letter."""

ADDRESS = "http://elsewhere.example"  # asked for by no page

ACTING = (
    f"![seen]({ADDRESS}/seen.png)",
    f"[click]({ADDRESS})",
    f"<img src={ADDRESS}/a.png onerror=alert(1)>",
    "www.elsewhere.example/page and HTTPS://elsewhere.example",
    "somebody@elsewhere.example",
    ":red[loud] :blue-background[x] :material/delete: :streamlit: :smile: :+1: :100:",
    "$x^2$ and $$y$$",
    "`code` **bold** __bold__ *it* _it_ ~~gone~~ ~gone~",
    "# heading",
    "1. first",
    "- item",
    "| a | b |",
    ":::note :leaf ::leaf[x]",
    "a -> b <- c -- d <-> e >= f <= g ~= h",
    f"<{ADDRESS}> &amp; &#65; [^1] [x]: {ADDRESS}",
    "\\*a\\* \\",
    "<b>%{y}</b><br><a href='javascript:alert(1)'>b</a>",
    '=HYPERLINK("http://elsewhere.example")',
)

# All at once, as short as a name may be: for a run, a layer, a class, a file.
ALL = f"![x]({ADDRESS}/x.png) www.elsewhere.example :red[x] $x$ :material/delete: `x` <b>%{{x}}</b> *x*"
