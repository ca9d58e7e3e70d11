"""The echo state network's reservoir: fixed, random, sparse, never trained (Jaeger 2001).

    a_t = (1 - l) a_(t-1) + l tanh(W_in x_t + W a_(t-1) + b)      Lukosevicius 2012, eq. 2 and 3

Nothing here is learned. What reads the states is: an output layer by gradient, or by ridge
regression in ``training/ridge.py``. Gradients pass through to what lies below.

Each unit has the same number of recurrent connections, ``sparsity * units``, so that none is
without input and the graph has a cycle. A model on disk holds the seed and the measured scales
alone: the numbers come from the raw bits of NumPy's Philox generator, which are the same on every
machine and for every version.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ner_rnn.errors import ConfigError
from ner_rnn.nn.encoder import State, check_direction, padding_mask

__all__ = ["Reservoir", "largest_eigenvalue"]

Array = NDArray[np.float64]
DENSE = 200
"""Units up to which all eigenvalues are computed; beyond, the largest ones by Arnoldi iteration."""


class Reservoir(nn.Module):
    """An encoder (see ``nn/encoder.py``) of one reservoir, or of one for each direction.

    Args:
        input_size: width of the input.
        units: N, in each direction.
        bidirectional: a second reservoir reads each sentence from its end.
        spectral_radius: largest absolute eigenvalue of W; the larger, the longer an input has an
            effect; from 1 on, with a warning, states may never forget their start.
        input_scale: W_in and b are uniform between minus and plus this.
        sparsity: share of the N x N connections that exist.
        leak: l, in (0, 1]; 1: nothing of the old state is kept.
        fresh: draw a reservoir by torch's random state; False: one will be loaded.

    Attributes:
        output_size: width of the output.
    """

    seed: Tensor
    scale: Tensor
    inputs: Tensor
    bias: Tensor
    index: Tensor
    weight: Tensor

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        bidirectional: bool = True,
        spectral_radius: float = 0.9,
        input_scale: float = 1.0,
        sparsity: float = 0.01,
        leak: float = 1.0,
        fresh: bool = True,
    ) -> None:
        super().__init__()
        directions, degree = 2 if bidirectional else 1, round(sparsity * units)
        if spectral_radius >= 1 and fresh:
            warnings.warn(
                f"spectral_radius is {spectral_radius}: at 1 or more the echo state property may "
                "be lost, and states then never forget their start",
                stacklevel=2,
            )
        self.output_size = directions * units
        self.spectral_radius, self.input_scale, self.leak = spectral_radius, input_scale, leak
        # the bundle keeps these two; all else follows from them
        self.register_buffer("seed", torch.randint(2**62, ()) if fresh else torch.tensor(0))
        self.register_buffer("scale", torch.ones(directions, dtype=torch.float64))
        for name, shape in (
            ("inputs", (directions, units, input_size)),
            ("bias", (directions, units, 1)),
            ("index", (directions, units, degree)),
            ("weight", (directions, units, degree)),
        ):
            kind = torch.int32 if name == "index" else None
            self.register_buffer(name, torch.zeros(shape, dtype=kind), persistent=False)
        if fresh:
            self._draw()
            for i in range(directions):
                radius = largest_eigenvalue(self.index[i].numpy(), self.weight[i].numpy())
                self.scale[i] = self.spectral_radius / radius
            self._draw()

    def _load_from_state_dict(self, *args: Any) -> None:
        """Load the seed and the scales, and draw everything that follows from them."""
        super()._load_from_state_dict(*args)
        self._draw()

    @torch.no_grad()
    def _draw(self) -> None:
        """Fill all buffers from the seed: the same numbers on every machine."""
        bits = np.random.Philox(key=int(self.seed))
        _, units, degree = self.index.shape
        for direction, scale in enumerate(self.scale.tolist()):
            self.index[direction] = torch.from_numpy(_distinct(bits, units, degree))
            inputs = self.input_scale
            for buffer, bound in ((self.weight, scale), (self.inputs, inputs), (self.bias, inputs)):
                values = bound * _uniform(bits, *buffer.shape[1:])
                buffer[direction] = torch.from_numpy(values)

    def forward(
        self, x: Tensor, lengths: Tensor | None, state: State | None = None
    ) -> tuple[Tensor, State | None]:
        """Read sequences; see ``nn/encoder.py``."""
        directions = len(self.index)
        check_direction(state, directions)
        if x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            # embedding_bag knows no bfloat16: on a CPU, in full precision
            with torch.autocast("cpu", enabled=False):
                full: tuple[Tensor, State | None] = self(x.float(), lengths, state)
                return full
        time = x.shape[1]
        outside = None if lengths is None else ~padding_mask(lengths, time).T  # (time, batch)
        before = None if state is None else state.layers[0][0].T  # (units, batch)
        states = []
        for direction in range(directions):
            # every step's input at once: (time, units, batch), so that a unit's batch is a row
            z = torch.baddbmm(
                self.bias[direction].expand(time, -1, -1),
                self.inputs[direction].expand(time, -1, -1),
                x.permute(1, 2, 0),
            )
            y: Tensor = _Echo.apply(  # type: ignore[no-untyped-call]
                z,
                outside,
                before,
                self.index[direction],
                self.weight[direction],
                self.leak,
                direction == 1,
            )
            states.append(y.transpose(0, 1))  # (batch, time, units)
        joined = torch.cat(states, dim=-1)
        if lengths is not None or directions == 2:
            return joined, None
        return joined, State(((joined[:, -1],),), time + (state.step if state else 0))

    def first_direction(self) -> Reservoir:
        """Return a copy of the forward reservoir alone, as an encoder of one direction."""
        alone = copy.deepcopy(self)
        alone.output_size //= len(self.index)
        for name, buffer in self.named_buffers():
            if name != "seed":
                setattr(alone, name, buffer[:1].clone())
        return alone


class _Echo(torch.autograd.Function):
    """The recurrence over all steps; backward through time by the transposed connections.

    In the padding a state is zero: whatever stands there, NaN too, reaches no other state, and a
    sentence that is read from its end begins with zeros.
    """

    @staticmethod
    def forward(
        ctx: Any,
        z: Tensor,
        outside: Tensor | None,
        before: Tensor | None,
        index: Tensor,
        weight: Tensor,
        leak: float,
        backwards: bool,
    ) -> Tensor:
        time, units, batch = z.shape
        y = z.new_empty(time, batch, units)
        gradients = ctx.needs_input_grad[0] or ctx.needs_input_grad[2]
        candidates = torch.empty_like(z) if gradients else None
        state, spare = torch.zeros_like(z[0]), torch.empty_like(z[0])
        if before is not None:
            state.copy_(before)
        new = torch.empty_like(state)
        for t in reversed(range(time)) if backwards else range(time):
            if candidates is not None:
                new = candidates[t]
            torch.add(z[t], _sparse_product(index, weight, state), out=new).tanh_()
            state, spare = torch.lerp(state, new, leak, out=spare), state
            if outside is not None:
                state.masked_fill_(outside[t], 0.0)
            y[t].copy_(state.T)
        ctx.leak, ctx.backwards, ctx.from_zeros = leak, backwards, before is None
        ctx.save_for_backward(outside, index, weight, candidates)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        outside, index, weight, candidates = ctx.saved_tensors
        # the units that read unit j: the connections sorted by their source
        order = torch.argsort(index.flatten(), stable=True)
        readers = (order // index.shape[1]).to(index.dtype)
        back = weight.flatten()[order]
        counts = torch.bincount(index.flatten(), minlength=len(index))
        offsets = (counts.cumsum(0) - counts).to(index.dtype)
        dz = torch.empty_like(candidates)
        da = torch.zeros_like(candidates[0])
        for t in range(len(dz)) if ctx.backwards else reversed(range(len(dz))):
            da = da + dy[t].T
            if outside is not None:
                da.masked_fill_(outside[t], 0.0)
            torch.mul(da, 1 - candidates[t].square(), out=dz[t]).mul_(ctx.leak)
            if outside is not None:
                dz[t].masked_fill_(outside[t], 0.0)
            da = (1 - ctx.leak) * da + _sparse_product(readers, back, dz[t], offsets)
        return dz, None, None if ctx.from_zeros else da, None, None, None, None


def _sparse_product(
    index: Tensor, weight: Tensor, state: Tensor, offsets: Tensor | None = None
) -> Tensor:
    """Return the sums of weighted rows of (units, batch), by one kernel.

    Measured beside CSR products of torch and scipy and a dense one: see docs/networks.md.
    """
    return nn.functional.embedding_bag(index, state, offsets, mode="sum", per_sample_weights=weight)


def largest_eigenvalue(index: NDArray[np.int32], weight: NDArray[Any]) -> float:
    """Return the largest absolute eigenvalue of a sparse matrix, to eight digits.

    Args:
        index: (N, degree) columns of each row's connections.
        weight: (N, degree) their weights.

    Raises:
        ConfigError: the iteration does not converge.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import ArpackNoConvergence, eigs

    units, degree = index.shape
    starts = np.arange(0, units * degree + 1, degree)
    matrix = csr_matrix((weight.ravel().astype(np.float64), index.ravel(), starts), (units, units))
    if units <= DENSE:
        return float(np.abs(np.linalg.eigvals(matrix.toarray())).max())
    # the largest eigenvalues lie close together on a circle: one alone may be missed
    try:
        largest = eigs(matrix, k=4, ncv=100, tol=1e-8, v0=np.ones(units), return_eigenvectors=False)
    except ArpackNoConvergence:
        raise ConfigError(
            "the spectral radius of this reservoir could not be computed: use another seed, "
            "model.sparsity or model.hidden_size"
        ) from None
    return float(np.abs(largest).max())


def _uniform(bits: np.random.Philox, *shape: int) -> Array:
    """Return numbers in [-1, 1) with 53 random bits each."""
    raw = np.asarray(bits.random_raw(int(np.prod(shape)))).reshape(shape)
    uniform: Array = (raw >> np.uint64(11)) * 2.0**-52 - 1.0
    return uniform


def _distinct(bits: np.random.Philox, units: int, degree: int) -> NDArray[np.int32]:
    """Draw for each unit the distinct units that it reads: (units, degree), ascending.

    Floyd's algorithm for drawing without replacement (Bentley & Floyd 1987), many units at a time.
    """
    rows = max(1, 2**24 // units)  # bounds the table below
    parts = []
    for start in range(0, units, rows):
        count = min(rows, units - start)
        row = np.arange(count)
        chosen = np.zeros((count, units), dtype=np.bool_)
        uniform = (_uniform(bits, degree, count) + 1.0) / 2.0
        for last, share in zip(range(units - degree, units), uniform, strict=True):
            drawn = (share * (last + 1)).astype(np.int64)
            chosen[row, np.where(chosen[row, drawn], last, drawn)] = True
        parts.append(np.nonzero(chosen)[1].reshape(count, degree))
    return np.concatenate(parts).astype(np.int32)
