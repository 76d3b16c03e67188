"""A listener at home: hears an utterance as Alexa would, and holds the conversation."""
