"""The two compared defenses, trained for real; heavy imports happen inside what needs them."""
