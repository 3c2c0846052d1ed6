"""What this is, what the network can do, and what happens to your drawings."""

import streamlit as st

from core.models import networks
from core.nn import architectures
from core.words import dimensions
from ui.components import presenter, term_notes, tour
from ui.content.glossary import marked
from ui.state import navigation
from ui.widgets import heading

network = networks.shipped()
facts = network.about

heading.heading(
    "About Digit Lab",
    "Draw a digit, watch a neural network read it, and look at the numbers behind its answer.",
)

if st.button("Take the tour: five steps, three minutes", icon=":material/tour:", key="take-the-tour"):
    tour.begin()
    navigation.open_page("draw")

st.header("The network that reads you")
term_notes.markdown(
    f"**{network.name}.** It learnt from MNIST's handwritten digits, from digits that people wrote on a "
    "tablet, from forms that both lack, such as a slashed 0 and a crossed 7, and from scribbles, letters and "
    f"signs, so that it knows what is no digit. Its training took {facts['train_seconds'] / 60:.0f} "
    f"minutes on two processor cores. It reads **{facts['test_accuracy']:.2%}** of MNIST's 10,000 test digits, "
    "which it never saw, correctly."
)
kinds = marked("\n".join(layer.kind for layer in network.layers)).split("\n")  # the first of each
rows = [
    {"layer": kind, "output shape": dimensions(shape), "parameters": f"{count:,}"}
    for kind, (shape, count) in zip(kinds, architectures.describe(network.layers), strict=True)
]
st.table(rows)
total = architectures.parameters(network.layers)
term_notes.markdown(
    f"{total:,} parameters in all. A letter that many hands write like a digit, an O or an l, is read as that "
    "digit: nobody can tell them apart without a word around them."
)

st.header("For a class or a stand")
term_notes.markdown(
    "*Present*, on the Draw page, leaves the canvas and the answer alone, large enough for the last row; `Esc` "
    "ends it. Light or dark is chosen in the menu at the top right. After a visitor:"
)
presenter.next_visitor()

st.header("Keyboard")
term_notes.markdown(
    "Eraser, and the pen again `E` · undo `Ctrl Z` · redo `Ctrl Shift Z` · clear `Delete` or `Backspace`. "
    "On a Mac, `Cmd` takes the place of `Ctrl`."
)

st.header("Your drawings")
term_notes.markdown(
    "They are read by the computer that runs this app and forgotten when you close the page. When you click "
    "Train, your last drawing is stored with that run, as 28 x 28 numbers, so that the network can read it "
    "while it learns. When you tap which digit a drawing was, it is kept under My digits, with its strokes, "
    "and what you draw for Own classes is kept there, until you delete it. What you draw in a class is kept "
    "for its teacher, for a day unless they chose otherwise. Nobody else who uses this app can see any of it. "
    "A cookie that no script can read says which are yours; on the computer that runs the app, all are its own "
    "user's. Nothing is sent elsewhere."
)

st.header("Networks that you train")
term_notes.markdown(
    "They stay on the computer that runs this app, for you alone, until you delete them on the Runs page or "
    "show one to everybody on Train. A training goes on when you leave the page, and so do those that wait "
    "for it."
)

st.header("Sources")
term_notes.markdown(
    "MNIST: Yann LeCun and Corinna Cortes, CC BY-SA 3.0. Pen-drawn digits that the network learnt from: UCI, "
    "Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, CC BY 4.0, and UNIPEN "
    "train_r01_v07, International Unipen Foundation, doi.org/10.5281/zenodo.1195803, CC BY 4.0. "
    "Doubtful labels of MNIST: C. Northcutt, A. Athalye and J. Mueller, Pervasive Label Errors in Test Sets, "
    "2021. Plotly: MIT License. Digit Lab itself: Apache License 2.0."
)
