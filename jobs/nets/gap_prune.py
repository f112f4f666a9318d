"""Nets for gaps with fewer hidden channels: those go that the answer needs least, and what reads the others
is fitted anew.

How much an answer changes when a channel falls silent is estimated to first order by backward passes from
random directions (as Molchanov et al., "Pruning Convolutional Neural Networks for Resource Efficient
Inference", ICLR 2017, do from the loss). Then layer by layer, from the first on, whatever reads channels that
are left is fitted by least squares to what it made before (as He, Zhang & Sun, "Channel Pruning for
Accelerating Very Deep Neural Networks", ICCV 2017). Neither needs the truth: gaps to answer are enough.
"""

import copy
import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from jobs.nets.direct import Conv1d, Transformer
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import made, told_of
from jobs.nets.gap_parity import either_sign, parity
from jobs.nets.gates import Gates

STEPS = 16
"""In so many parts of all hidden channels it is said how many go."""
DIRECTIONS = 8
"""Backward passes by which damage is estimated."""
LEAST = 4
"""Channels that are left wherever there were so many."""
RIDGE = 0.1
"""How strongly fitted weights are held where they were, in mean squares of what is read: with less, a hundred
gaps are learned by heart."""
Layer = nn.Conv1d | nn.Linear


@dataclass(frozen=True)
class Group:
    """Channels that are cut together: rows of the layers ``made``, columns of the layers ``read``, both by
    their names in the net. A layer may be both."""

    made: tuple[str, ...]
    read: tuple[str, ...]


def groups(net: nn.Module) -> list[Group]:
    """What can be cut: not the answer, nor what a transformer's blocks are added to and attend by."""
    layers = [name for name, layer in net.named_modules() if isinstance(layer, Layer)]
    if isinstance(net, Gates):
        return [Group(("first", "second"), ("second", "gates")), Group(("near",), ("residual",))]
    if isinstance(net, Conv1d):
        return [Group(tuple(layers[:-1]), tuple(layers[1:]))]
    if isinstance(net, Transformer):
        thinking = [name for name in layers if ".think." in name]
        return [Group((one,), (other,)) for one, other in zip(thinking[::2], thinking[1::2], strict=True)]
    return [Group((one,), (other,)) for one, other in pairwise(layers)]


def smallest(
    net: nn.Module, known: Examples, held: Examples, rate: int, check: Callable[[], None] = lambda: None
) -> nn.Module | None:
    """The most pruned net that fills gaps as well, those of ``known`` that it is fitted to and those of
    ``held``; None where cutting a sixteenth is too much. ``check`` is called now and then, and may raise."""
    pruner = Pruner(net, known)
    before = [(made(net, some), some) for some in (known, held)]
    found, low, high = None, 0, STEPS
    while high - low > 1:
        check()
        middle = (low + high) // 2
        small = pruner.pruned(middle / STEPS)
        if all(parity(answer, made(small, some), some, rate).useful for answer, some in before):
            found, low = small, middle
        else:
            high = middle
    return found


class Pruner:
    """Prunes ``net``, which stays as it is, by how it answers the gaps ``known``."""

    def __init__(self, net: nn.Module, known: Examples):
        self._net, self._groups = net.eval(), groups(net)
        self._given = told_of(either_sign(known))
        self._worth = [
            damage / _saved(net, group) for group, damage in zip(self._groups, self.damages(), strict=True)
        ]
        self._wanted = self._made()

    def pruned(self, share: float) -> nn.Module:
        """Without ``share`` of the hidden channels: those that are missed least for each weight saved."""
        small = copy.deepcopy(self._net)
        wanted = dict(self._wanted)
        for group, kept in zip(self._groups, self._kept(share), strict=True):
            _cut(small, group, kept)
            wanted |= {name: wanted[name][:, kept] for name in group.made if name in wanted}
        with torch.no_grad(), ExitStack() as hooks:
            for name, rows in wanted.items():
                hooks.callback(layer_of(small, name).register_forward_pre_hook(partial(_fitted, rows)).remove)
            small(*self._given)
        return small

    def damages(self) -> list[Tensor]:
        """``(channels,)`` of each group: mean square of what an answer changes by without each channel."""
        masks = [
            torch.ones(len(self._given[0]), _channels(self._net, group), requires_grad=True)
            for group in self._groups
        ]
        with ExitStack() as hooks:
            for group, mask in zip(self._groups, masks, strict=True):
                for name in group.read:
                    layer = layer_of(self._net, name)
                    hooks.callback(layer.register_forward_pre_hook(partial(_masked, mask)).remove)
            answer = self._net(*self._given)
        random = torch.Generator().manual_seed(0)
        total = [torch.zeros(mask.shape[1]) for mask in masks]
        for _ in range(DIRECTIONS):
            direction = torch.randn(answer.shape, generator=random)
            changes = torch.autograd.grad(answer, masks, direction, retain_graph=True)
            total = [
                one + change.square().mean(dim=0) / DIRECTIONS
                for one, change in zip(total, changes, strict=True)
            ]
        return total

    def _kept(self, share: float) -> list[Tensor]:
        """Numbers of the channels that stay, of each group."""
        worth = [one.clone() for one in self._worth]
        for one in worth:
            one[one.topk(min(LEAST, len(one))).indices] = math.inf
        every = torch.cat(worth)
        stays = torch.ones(len(every), dtype=torch.bool)
        stays[every.argsort()[: round(share * len(every))]] = False
        stays |= every.isinf()
        return [one.nonzero()[:, 0] for one in stays.split([len(one) for one in worth])]

    @torch.no_grad()
    def _made(self) -> dict[str, Tensor]:
        """``(n, rows)`` that each layer makes of channels which can be cut."""
        seen: dict[str, Tensor] = {}
        with ExitStack() as hooks:
            for name in dict.fromkeys(name for group in self._groups for name in group.read):

                def look(layer: Layer, given: tuple[Tensor], made: Tensor, name: str = name) -> None:
                    seen[name] = _lines(made, layer).flatten(0, -2)

                hooks.callback(layer_of(self._net, name).register_forward_hook(look).remove)
            self._net(*self._given)
        return seen


def layer_of(net: nn.Module, name: str) -> Layer:
    return cast(Layer, net.get_submodule(name))


def _bias(layer: Layer) -> Tensor:
    return cast(Tensor, layer.bias)


def _channels(net: nn.Module, group: Group) -> int:
    return layer_of(net, group.made[0]).weight.shape[0]


def _saved(net: nn.Module, group: Group) -> float:
    """Weights that one channel less saves."""
    every = sum(layer_of(net, name).weight.numel() for name in (*group.made, *group.read))
    return every / _channels(net, group)


def _masked(mask: Tensor, layer: Layer, given: tuple[Tensor]) -> Tensor:
    """What a layer reads, times ``mask (B, channels)``; a channel may be several columns."""
    x = _lines(given[0], layer)
    each = mask.repeat_interleave(x.shape[-1] // mask.shape[1], dim=1)
    return _lines(x * each.reshape(len(x), *[1] * (x.ndim - 2), -1), layer)


def _lines(x: Tensor, layer: Layer) -> Tensor:
    """With channels last, or back."""
    return x.transpose(1, 2) if isinstance(layer, nn.Conv1d) else x


def _cut(net: nn.Module, group: Group, kept: Tensor) -> None:
    channels = _channels(net, group)
    for name in group.made:
        layer = layer_of(net, name)
        _set(layer, layer.weight[kept], _bias(layer)[kept])
    for name in group.read:
        layer = layer_of(net, name)
        each = layer.weight.shape[1] // channels
        columns = (each * kept[:, None] + torch.arange(each)).flatten()
        _set(layer, layer.weight[:, columns], _bias(layer))


def _set(layer: Layer, weight: Tensor, bias: Tensor) -> None:
    layer.weight, layer.bias = (nn.Parameter(one.detach().clone()) for one in (weight, bias))
    made, given = weight.shape[:2]
    if isinstance(layer, nn.Conv1d):
        layer.out_channels, layer.in_channels = made, given
    else:
        layer.out_features, layer.in_features = made, given


def _fitted(wanted: Tensor, layer: Layer, given: tuple[Tensor]) -> None:
    """Give a layer weights that make ``wanted (n, rows)`` of what it reads, by ridge regression towards those
    that it has."""
    columns = given[0]
    if isinstance(layer, nn.Conv1d):
        size, step, reach = layer.kernel_size[0], layer.stride[0], layer.dilation[0]
        columns = F.unfold(columns[:, :, None], (1, size), (1, reach), (0, int(layer.padding[0])), (1, step))
        columns = columns.transpose(1, 2)
    read = F.pad(columns.flatten(0, -2), (0, 1), value=1.0)
    there = torch.cat([layer.weight.flatten(1), _bias(layer)[:, None]], dim=1)
    squares, missing = (read.T @ read).double(), (read.T @ (wanted - read @ there.T)).double()
    squares.diagonal().add_(RIDGE * squares.diagonal().mean())
    fitted = there + torch.linalg.solve(squares, missing).T.float()
    _set(layer, fitted[:, :-1].reshape(layer.weight.shape), fitted[:, -1])
