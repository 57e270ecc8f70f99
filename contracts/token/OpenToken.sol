// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Authorizations} from "./Authorizations.sol";

/// @title OPEN, the token in which everything is priced and paid
/// @notice One billion tokens of 18 decimals, minted once. Nobody can mint, pause, block or upgrade it: it has no owner.
/// @dev Votes live in a wrapper: vote checkpoints inside the payment token would cost each transfer about 4,900 gas.
contract OpenToken is Authorizations, ERC20Burnable {
    /// @notice What was minted, in wei of OPEN. Burning only lowers `totalSupply`.
    uint256 public constant SUPPLY_WEI = 1_000_000_000e18;

    /// @param holder who receives the whole supply
    constructor(address holder) ERC20("OpenLedger", "OPEN") ERC20Permit("OpenLedger") {
        _mint(holder, SUPPLY_WEI);
    }
}
