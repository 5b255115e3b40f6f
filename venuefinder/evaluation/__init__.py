"""How often a vision-language model says that a photo shows what it does not: questions, answers, figures."""
