"""What archives ask of a render beside its sound: METS with PREMIS, BagIt bags, policies."""
