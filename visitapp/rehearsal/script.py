"""The words that are typed in the tour, in every script's odd corners; apart from the acts, which need Qt."""

NARRATIVE = (
    "Yusuf was on the mat with the saucepan lid when I came. Amara waited, let him start the game and joined in. "
    "<Then> he tired, looked away, and she stopped: \"you've had enough\". Ŵyn and Łukasz next door were mentioned."
)
ADDENDUM = "Amara picked him up and he settled in under a minute; she said the lid game is theirs."
QUESTION = "What did Amara do in the minute after he looked away?"
COMMENT = "A lovely moment of noticing."
FAMILY = "Okafor"
