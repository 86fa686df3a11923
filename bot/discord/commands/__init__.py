"""What the bot offers in Discord: a file a subject, each with a function that adds its commands."""
