-- tags as one word
title "A close"
tags "rst"
