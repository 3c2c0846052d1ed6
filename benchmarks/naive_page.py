"""The page as one would write it first, to compare with: Keras in the page, whole reruns, Plotly."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from core.models import networks
from core.worker import models


@st.cache_resource
def load():
    network = networks.shipped()
    model = models.build(network.layers)
    models.set_weights(model, network.weights)
    return model


canvas = st_canvas(
    key="canvas", width=340, height=340, stroke_width=18, stroke_color="#000", background_color="#fff",
    return_image_data=True,
)  # fmt: skip
if canvas.image_data is not None and canvas.json_data["objects"]:
    small = Image.fromarray(canvas.image_data).convert("L").resize((28, 28), Image.Resampling.BILINEAR)
    pixels = 1 - np.asarray(small, np.float32) / 255
    probabilities = load().predict(pixels[None, ..., None], verbose=0)[0]
    with st.container(key="prediction"):
        st.title(f"{len(canvas.json_data['objects'])}: {probabilities.argmax()}")
    st.plotly_chart(go.Figure(go.Bar(x=list(range(10)), y=probabilities)))
