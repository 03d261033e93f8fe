"""Stems words by PySastrawi: a JSON list of words on standard input, a JSON object on standard output."""

import json
import sys

from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory
from Sastrawi.StopWordRemover.StopWordRemoverFactory import StopWordRemoverFactory

dictionary = ArrayDictionary(StemmerFactory().get_words())
# The package looks words up in a list, by the ten thousand; a set answers the same, at once.
dictionary.words = frozenset(dictionary.words)
stemmer = Stemmer(dictionary)
words = json.load(sys.stdin)
json.dump(
    {
        "stems": [stemmer.stem_word(word) for word in words],
        "stopWords": StopWordRemoverFactory().get_stop_words(),
    },
    sys.stdout,
)
