"""Networks with their training configurations: the tutorials' and our own, put together.

A new recipe is one entry in `own_recipes`, or in `tutorial_recipes` where it counts among the tutorials'.
"""

from core.training import own_recipes, tutorial_recipes

RECIPES = own_recipes.DIGITS | own_recipes.TAUGHT | tutorial_recipes.TUTORIALS | own_recipes.IMAGES

# Those that the Train page offers: data of other sorts are drawn for minutes, and learnt for an hour.
ON_THE_PAGE = [name for name, recipe in RECIPES.items() if recipe.config.data in ("mnist", "cifar10")]
