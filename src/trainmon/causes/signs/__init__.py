"""What evidence and configuration must show for a finding to speak for a cause, by family."""
