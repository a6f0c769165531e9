"""Amazon Bedrock: judges over Converse, and contextual grounding over ApplyGuardrail."""
