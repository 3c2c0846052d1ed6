"""What this is, what the network can do, and what happens to your drawings."""

import streamlit as st

from core import architectures, networks

network = networks.shipped()
facts = network.about

st.title("About Digit Lab")
st.markdown("Draw a digit, watch a neural network read it, and look at the numbers behind its answer.")

st.header("The network that reads you")
st.markdown(
    f"**{network.name}.** Trained on MNIST's 60,000 handwritten digits for {facts['epochs']} epochs, which "
    f"took {facts['train_seconds'] / 60:.1f} minutes on two processor cores. It reads "
    f"**{facts['test_accuracy']:.2%}** of the 10,000 test digits, which it never saw, correctly."
)
rows = [
    {"layer": layer.kind, "output shape": " x ".join(map(str, shape)), "parameters": f"{count:,}"}
    for layer, (shape, count) in zip(network.layers, architectures.describe(network.layers), strict=True)
]
st.table(rows)
total = sum(count for _, count in architectures.describe(network.layers))
st.markdown(
    f"{total:,} parameters in all. MNIST was written in the USA around 1990: a 1 with a flag, a crossed 7 or a "
    "slashed 0 is rare in it, so the network may take them for another digit."
)

st.header("Keyboard")
st.markdown(
    "Undo `Ctrl Z` · redo `Ctrl Shift Z` · clear `Delete` or `Backspace`. "
    "On a Mac, `Cmd` takes the place of `Ctrl`."
)

st.header("Your drawings")
st.markdown(
    "They are read by the computer that runs this app and forgotten when you close the page. Nothing is "
    "stored, and nothing is sent elsewhere."
)

st.header("Sources")
st.markdown("MNIST: Yann LeCun and Corinna Cortes, CC BY-SA 3.0. Digit Lab itself: Apache License 2.0.")
