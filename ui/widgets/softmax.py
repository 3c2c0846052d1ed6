"""The softmax, worked through with the numbers of one prediction."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.nn import calibration
from core.records import Prediction
from ui import plain


def worked_softmax(prediction: Prediction, names: Sequence[str] = "0123456789") -> None:
    """Show the numbers before and after the softmax, and the formula with these numbers in it.

    names: of the classes, in order.
    """
    z = prediction.logits.astype(float)
    exponentials = np.exp(z)
    k, last = int(z.argmax()), len(z) - 1
    digits = tuple(names) == tuple("0123456789")
    one, many = ("digit", "ten") if digits else ("class", str(len(z)))
    st.markdown(
        f"The network ends in {many} numbers $z_0 ... z_{{{last}}}$, one per {one}, of any size. The softmax "
        f"makes {many} probabilities of them, which add up to 100%:"
    )
    place = f"{k}" if k < 10 else f"{{{k}}}"
    st.latex(r"y_k = \frac{e^{z_k}}{\sum_i e^{z_i}}")
    st.latex(
        rf"y_{place} = \frac{{e^{{{z[k]:.3f}}}}}{{e^{{{z[0]:.3f}}} + \dots + e^{{{z[last]:.3f}}}}} = "
        rf"\frac{{{_tex(exponentials[k])}}}{{{_tex(exponentials.sum())}}}"
    )
    st.latex(rf"= {prediction.probabilities[k]:.6f}")
    rows = "\n".join(
        f"| {mark}{plain.markdown(names[digit])}{mark} | {mark}{z[digit]:.3f}{mark} "
        f"| {mark}{exponentials[digit]:.4g}{mark} | {mark}{prediction.probabilities[digit]:.6f}{mark} |"
        for digit in range(len(z))
        for mark in ["**" if digit == k else ""]
    )
    st.markdown(f"| {one} $k$ | before: $z_k$ | $e^{{z_k}}$ | after: $y_k$ |\n|---|--:|--:|--:|\n{rows}")
    st.caption(
        f"One more in $z$ makes a {one} e = 2.718 times as probable against the others. Sure is not the "
        f"same as right: the network has to spread 100% over {many} {'digits' if digits else 'classes'}, "
        "whatever it is shown."
    )
    if prediction.is_digit is not None:
        _worked_is_digit(exponentials.sum(), prediction.is_digit)


def _worked_is_digit(digits: float, is_digit: float) -> None:
    """Show how the eleventh number decides whether there is a digit at all."""
    other = digits * (1 - is_digit) / max(is_digit, 1e-300)
    st.markdown(
        f"So there is an eleventh number, $z_{{none}}$ = {np.log(max(other, 1e-300)):.3f}, which is large for "
        "what is no digit. It is weighed against the ten together:"
    )
    st.latex(
        r"\frac{\sum_i e^{z_i}}{\sum_i e^{z_i} + e^{z_{none}}} = "
        rf"\frac{{{_tex(digits)}}}{{{_tex(digits)} + {_tex(other)}}} = {is_digit:.6f}"
    )
    st.caption(
        f"Below {calibration.MIN_IS_DIGIT:.0%} the app says that it is no digit. It learnt the difference from "
        "scribbles, letters, signs and pairs of digits."
    )


def _tex(number: float) -> str:
    """5.43e+08 -> 5.43 \\cdot 10^{8}"""
    text = f"{number:.4g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
