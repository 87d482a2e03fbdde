"""From a data set and a learner to votes: preparation, base models, shards, engines."""
