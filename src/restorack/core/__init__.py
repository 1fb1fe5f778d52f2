"""The contract of a processor: stage, processor, parameters, traits, automation, registry."""
