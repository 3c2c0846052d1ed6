"""Reading on the server while the pen moves, to compare with: each sample of the pen travels to Python."""

import numpy as np
import streamlit as st

from core.ink.preprocessing import from_strokes
from core.models import classifiers

# A canvas that sends the whole stroke with each move, as a page would that lets Python read at once.
PAD = """
export default function ({ parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas");
  if (canvas.heard) return;
  canvas.heard = true;
  let points = [];
  const add = (event) => {
    const box = canvas.getBoundingClientRect();
    points.push([event.clientX - box.left, event.clientY - box.top]);
    const context = canvas.getContext("2d");
    context.lineWidth = 18;
    context.lineTo(...points[points.length - 1]);
    context.stroke();
    setStateValue("points", points);
  };
  canvas.onmousedown = (event) => {
    points = [];
    canvas.width = canvas.width;
    add(event);
  };
  canvas.onmousemove = (event) => event.buttons && add(event);
}
"""
pad = st.components.v2.component(
    "streaming_pad", html='<canvas width="340" height="340" class="pad"></canvas>', js=PAD, isolate_styles=False
)


@st.fragment
def page() -> None:
    told = pad(key="pad", on_points_change=lambda: None, default={"points": []})
    points = np.array(told.points, np.float32).reshape(-1, 2)
    image = from_strokes([points], brushes=[18]) if len(points) else None
    probabilities = classifiers.shipped().predict(image).probabilities if image else np.zeros(10)
    rows = "".join(
        f'<div style="width:{probability:.2%}">{digit} {probability:.1%}</div>'
        for digit, probability in enumerate(probabilities)
    )
    with st.container(key="prediction"):
        st.html(f"<b>{len(points)}: {probabilities.argmax()}</b>{rows}")


page()
