"""The document memory against a loop over words that nobody could misread."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.memory import DocumentMemory
from ner_rnn.nn.recurrent import Recurrent

LENGTHS = st.lists(st.integers(1, 6), min_size=1, max_size=5)


def by_hand(y: Tensor, groups: Tensor, lengths: list[int]) -> Tensor:
    """Each word beside the maximum over all words of its group, word by word."""
    places = [(row, t) for row, length in enumerate(lengths) for t in range(length)]
    answer = torch.zeros(*y.shape[:2], 2 * y.shape[2], dtype=y.dtype)
    answer[:, :, : y.shape[2]] = y
    for row, t in places:
        for unit in range(y.shape[2]):
            answer[row, t, y.shape[2] + unit] = max(
                float(y[r, s, unit]) for r, s in places if groups[r, s] == groups[row, t]
            )
    return answer


@given(LENGTHS, st.integers(1, 3), st.data())
def test_memory_is_the_maximum_over_all_places_of_a_word(
    lengths: list[int], size: int, data: st.DataObject
) -> None:
    torch.manual_seed(data.draw(st.integers(0, 99)))
    time = max(lengths) + data.draw(st.integers(0, 2))
    y = torch.randn(len(lengths), time, size, dtype=torch.float64)
    mask = padding_mask(torch.tensor(lengths), time)
    y = y.masked_fill(~mask[..., None], 0.0)
    groups = torch.randint(0, 4, mask.shape).clamp(max=mask.numel() - 1)
    memory = DocumentMemory(size)
    answer = memory(y, groups, mask)
    assert answer.shape[2] == memory.output_size
    torch.testing.assert_close(answer, by_hand(y, groups, lengths))
    # whatever stands in the padding is never read
    noise = groups.masked_fill(~mask, data.draw(st.integers(0, mask.numel() - 1)))
    assert torch.equal(memory(y, noise, mask), answer)


def test_a_group_of_negative_states_does_not_gain_a_zero() -> None:
    y = torch.tensor([[[-2.0], [-1.0], [0.0]]])
    groups, mask = torch.tensor([[0, 0, 0]]), torch.tensor([[True, True, False]])
    assert DocumentMemory(1)(y, groups, mask)[0, :, 1].tolist() == [-1.0, -1.0, 0.0]


def test_gradients_through_memory_are_the_central_differences() -> None:
    torch.manual_seed(1)
    lengths = torch.tensor([4, 2])
    mask = padding_mask(lengths, 4)
    groups = torch.tensor([[0, 1, 0, 2], [1, 3, 0, 0]])
    y = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    memory = DocumentMemory(3)
    assert torch.autograd.gradcheck(lambda y: memory(y, groups, mask), (y,))
    encoder = Recurrent("lstm", 3, 2).double()
    join = nn.Linear(8, 2).double()

    def through(x: Tensor) -> Tensor:
        states, _ = encoder(x, lengths)
        after: Tensor = join(DocumentMemory(4)(states, groups, mask))
        return after[mask]

    assert torch.autograd.gradcheck(through, (y,))
