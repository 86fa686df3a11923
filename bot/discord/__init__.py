"""The face in Discord: client.py receives, intake.py and presses.py take what people do, asking.py answers, views.py builds messages."""
