"""What the world is: the attribute dictionary, the cluster graph, its layers and its stores."""
