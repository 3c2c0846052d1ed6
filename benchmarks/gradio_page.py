"""Gradio's Sketchpad with live=True, the same network, to compare with. Runs in its own environment."""

import itertools
import sys
from pathlib import Path

import gradio as gr
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

MODEL = Path(__file__).parents[1] / "assets" / "models" / "first-conv-best" / "network.tflite"
interpreter = Interpreter(model_path=str(MODEL))
run = interpreter.get_signature_runner()
(name,) = interpreter.get_signature_list()["serving_default"]["inputs"]
counter = itertools.count(1)


def read(sketch: dict) -> str:
    drawn = Image.fromarray(sketch["composite"])
    white = Image.new("RGBA", drawn.size, "white")
    small = Image.alpha_composite(white, drawn.convert("RGBA")).convert("L").resize((28, 28))
    pixels = 1 - np.asarray(small, np.float32) / 255
    return f"{next(counter)}: {run(**{name: pixels[None, ..., None]})['dense_2'].argmax()}"


gr.Interface(
    read, gr.Sketchpad(canvas_size=(340, 340)), gr.Textbox(elem_id="answer"), live=True, flagging_mode="never"
).launch(server_port=int(sys.argv[1]), quiet=True)
