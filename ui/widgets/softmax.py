"""The softmax, worked through with the numbers of one prediction."""

import numpy as np
import streamlit as st

from core.nn import calibration
from core.records import Prediction


def worked_softmax(prediction: Prediction) -> None:
    """Show the ten numbers before and after the softmax, and the formula with these numbers in it."""
    z = prediction.logits.astype(float)
    exponentials = np.exp(z)
    k = int(z.argmax())
    st.markdown(
        "The network ends in ten numbers $z_0 ... z_9$, one per digit, of any size. The softmax makes "
        "ten probabilities of them, which add up to 100%:"
    )
    st.latex(r"y_k = \frac{e^{z_k}}{\sum_i e^{z_i}}")
    st.latex(
        rf"y_{k} = \frac{{e^{{{z[k]:.3f}}}}}{{e^{{{z[0]:.3f}}} + \dots + e^{{{z[9]:.3f}}}}} = "
        rf"\frac{{{_tex(exponentials[k])}}}{{{_tex(exponentials.sum())}}}"
    )
    st.latex(rf"= {prediction.probabilities[k]:.6f}")
    rows = "\n".join(
        f"| {mark}{digit}{mark} | {mark}{z[digit]:.3f}{mark} | {mark}{exponentials[digit]:.4g}{mark} "
        f"| {mark}{prediction.probabilities[digit]:.6f}{mark} |"
        for digit in range(10)
        for mark in ["**" if digit == k else ""]
    )
    st.markdown(f"| digit $k$ | before: $z_k$ | $e^{{z_k}}$ | after: $y_k$ |\n|---|--:|--:|--:|\n{rows}")
    st.caption(
        "One more in $z$ makes a digit e = 2.718 times as probable against the others. Sure is not the "
        "same as right: the network has to spread 100% over ten digits, whatever it is shown."
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
