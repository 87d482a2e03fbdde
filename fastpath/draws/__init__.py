"""Every random stream of the project: the lists g(D), the models' seeds, splits and noise."""
