"""What turns prompts into completions: PyTorch, vLLM, endpoints, scripted policies."""
