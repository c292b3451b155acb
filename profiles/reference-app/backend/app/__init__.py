"""The backend sidecar of the reference application: notes in a MongoDB, questions to an Ollama model."""

BUILD = "1.0.0"
