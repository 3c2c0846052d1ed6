"""An address of each page, with a value for each of its fields."""

import numpy as np

from core.ink import stroke_code
from core.records import Drawing

DRAWN = Drawing((np.array([[280, 80], [285, 300], [280, 480]], np.float32),), (28.0,), 560.0)
CODE = stroke_code.encode(DRAWN)
# Of each page what its address can hold, nothing as it is at first; of a page with several parts each of them.
ADDRESSES = [
    ("draw", {"network": "first-conv-best", "beside": "digit-lab", "ink": "1", "drawing": CODE}),
    ("draw", {"of": "images", "image-from": "test-picture", "image": "7"}),
    ("look_inside", {"network": "first-conv-best", "from": "test-digit", "digit": "7", "map": "1-3"}),
    (
        "why",
        {"from": "test-digit", "digit": "18", "methods": "1", "method": "cover-it", "patch": "7", "asked": "5"},
    ),
    (
        "why",
        {"methods": "1", "method": "grad-cam", "layer": "conv2d_1", "logit": "1", "network": "first-conv-best"},
    ),
    ("map_of_digits", {"map": "pca"}),
    (
        "fool",
        {
            "how": "let-it-dream",
            "noise": "3",
            "dream": "conv2d_2-5",
            "held": "blur.clip-the-faint",
            "drawing": CODE,
        },
    ),
    ("fool", {"of": "images", "how": "let-it-dream", "dream": "class-0", "held": "none"}),
    ("fool", {"target": "3", "norm": "l2", "budget-l2": "3", "step": "4", "others": "1"}),
    ("fool", {"how": "add-a-stroke", "draw": "1", "taken-for": "7", "drawing": CODE}),
    ("break_it", {"what": "the-picture", "damage": "blur", "amount": "2"}),
    (
        "break_it",
        {
            "network": "first-conv-best",
            "broken": "prune:30;noise:5;bits:4;temperature:2;off:conv2d_1:1-3,5;"
            "kernel:conv2d_2:3:9:1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,-0.5",
        },
    ),
    ("break_it", {"of": "images", "broken": "bits:2"}),
    (
        "convolution",
        {
            "picture": "5-x-5-example",
            "kernel": "your-own",
            "numbers": "1,0;0,-1",
            "size": "2",
            "stride": "2",
            "padding": "zeros",
            "zeros": "2",
        },
    ),
    (
        "convolution",
        {"part": "image-kernels", "image-kernel": "learnt-by-the-network-that-reads", "learnt": "5"},
    ),
    ("pooling", {"picture": "8-x-8-zero", "window": "3", "stride": "1", "shift": "-2"}),
    ("tutorials", {"lesson": "lenet"}),
    (
        "data",
        {
            "set": "mnist-test-digits",
            "number": "12",
            "class": "4",
            "page": "2",
            "scale": "0-to-1",
            "augment-rotation": "20",
            "augment-elastic": "1.5",
            "augment-chance": "3",
        },
    ),
    ("train", {"recipe": "simplified-lenet", "changes": '{"epochs":3,"augmentation":{"rotation":10.0}}'}),
    ("own_classes", {"of": "images", "base": "pixels", "by": "upload"}),
    ("my_digits", {"network": "first-conv-best", "digit": "4", "misread": "1", "weak-size": "500"}),
    (
        "runs",
        {
            "sorted": "by-network",
            "columns": "test.seed.notes",
            "compare": "training-loss",
            "smoothing": "0.3",
            "logarithmic": "figure",
            "group": "optimizer",
            "board": "cifar10",
        },
    ),
    (
        "mistakes",
        {
            "network": "first-conv-best",
            "show": "read-rightly",
            "true": "4",
            "sorted": "by-number",
            "sure": "20-100",
            "page": "1",
            "matrix": "errors-only",
            "beside": "digit-lab",
            "right": "neither",
        },
    ),
]
